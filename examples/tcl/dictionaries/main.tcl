set text "she sells sea shells by the sea shore she does"

set counts [dict create]
foreach word [split $text] { dict incr counts $word }

# Pairs of word and count, the most frequent first.
set pairs {}
dict for {word count} $counts { lappend pairs [list $word $count] }
foreach pair [lsort -integer -decreasing -index 1 [lsort -index 0 $pairs]] {
    lassign $pair word count
    if {$count > 1} { puts "[format %-6s $word] [string repeat * $count]" }
}

proc average {args} { expr {[::tcl::mathop::+ {*}$args] / double([llength $args])} }
puts "average count: [format %.2f [average {*}[dict values $counts]]]"
