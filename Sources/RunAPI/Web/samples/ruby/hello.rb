# Press Run, or Ctrl and Enter.
%w[red green blue].each.with_index(1) do |colour, number|
  puts "#{number}. Hello, #{colour} world!"
end
