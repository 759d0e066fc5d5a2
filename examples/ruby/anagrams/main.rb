words = gets.split

# Replace this: it makes one group of all words.
groups = [words]

groups.map(&:sort).sort.each { |group| puts group.join(" ") if group.size > 1 }
