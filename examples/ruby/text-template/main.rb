TEMPLATE = <<~LETTER
  Dear {name},

  thank you for ordering {item}.
  It will arrive on {day}.
LETTER

values = { "name" => gets.chomp, "item" => gets.chomp }

letter = TEMPLATE.gsub(/\{(\w+)\}/) do
  values.fetch($1) { |key| "<#{key} is not known>" }
end
puts letter
