text = $stdin.read
counts = text.split.tally

puts "#{text.lines.size} #{counts.values.sum} #{counts.size}"
counts.sort_by { |word, count| [-count, word] }.first(5).each { |word, count| puts "#{count} #{word}" }
