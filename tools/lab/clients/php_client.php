<?php
// Asks https://www.example.com/NAME/ once a second, by one curl handle: NAME.
$handle = curl_init("https://www.example.com/{$argv[1]}/");
curl_setopt_array($handle, [CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 10]);
while (true) {
    if (curl_exec($handle) === false) {
        echo curl_error($handle), "\n";
    }
    sleep(1);
}
