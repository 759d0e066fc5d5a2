require_relative "shapes/square"

[6, 7].each { |side| puts "square of #{side}: #{Shapes::Square.new(side).area}" }
