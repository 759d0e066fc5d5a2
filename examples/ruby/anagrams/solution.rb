words = gets.split

groups = words.group_by { |word| word.chars.sort }.values

groups.map(&:sort).sort.each { |group| puts group.join(" ") if group.size > 1 }
