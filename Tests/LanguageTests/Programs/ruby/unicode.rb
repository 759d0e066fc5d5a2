SAME = "Grüße, мир! Ωμέγα 日本語 🦆"

line = gets.chomp
puts line, line.length, line.bytesize, line.reverse
puts line == SAME ? "same" : "different"
