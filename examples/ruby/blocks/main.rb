def repeat(count)
  return to_enum(:repeat, count) unless block_given?

  1.upto(count) { |number| yield number }
end

repeat(3) { |number| puts "#{number} * #{number} = #{number * number}" }
puts repeat(5).map { |number| number * 10 }.inspect

words = %w[pear fig banana kiwi]
puts words.sort_by { |word| [word.size, word] }.inspect
puts words.group_by(&:size).inspect
puts words.each_with_index.to_h { |word, index| [index, word] }.inspect
