# Asks https://www.example.com/NAME/ once a second, by one session or by one for each request: KIND NAME.
require "net/http"

kind, name = ARGV
client = Net::HTTP.new("www.example.com", 443)
client.use_ssl = true
client.open_timeout = client.read_timeout = 10

loop do
  client.start if kind == "session" && !client.started?
  client.get("/#{name}/")
  sleep 1
rescue StandardError => error
  puts error.inspect
  client.finish if client.started?
  sleep 1
end
