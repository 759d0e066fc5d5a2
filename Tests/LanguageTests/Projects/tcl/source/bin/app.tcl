source [file join [file dirname [info script]] .. lib shapes.tcl]

foreach side {6 7} { puts "square of $side: [square $side]" }
