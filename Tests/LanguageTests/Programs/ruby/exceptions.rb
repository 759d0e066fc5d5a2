begin
  puts Integer("12x")
rescue ArgumentError
  puts "caught"
  exit 3
end
