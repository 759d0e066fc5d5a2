$stdout.sync = true # show questions at once
print "What is your name? "
name = gets.chomp
print "And a number? "
number = gets.to_i
puts "Hello, #{name}! #{number} times 7 is #{number * 7}."
