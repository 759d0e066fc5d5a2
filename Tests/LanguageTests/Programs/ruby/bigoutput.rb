1.upto(150_000) { |number| puts number }
