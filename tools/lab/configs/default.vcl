vcl 4.1;
backend default { .host = "$name"; .port = "80"; }
sub vcl_recv { return (pass); }
