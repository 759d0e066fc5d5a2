class Unavailable < StandardError; end

attempts = 0
flaky = lambda do
  attempts += 1
  raise Unavailable, "attempt #{attempts} failed" if attempts < 3

  "the answer"
end

def patiently(limit:, first: 0.01)
  tries = 0
  wait = first
  begin
    tries += 1
    yield
  rescue Unavailable => error
    puts error.message
    raise if tries == limit

    sleep wait
    wait *= 2
    retry
  ensure
    puts "(#{tries} tries so far)"
  end
end

puts patiently(limit: 5) { flaky.call }

begin
  patiently(limit: 2) { raise Unavailable, "nobody is there" }
rescue Unavailable => error
  puts "gave up: #{error.message}"
end
