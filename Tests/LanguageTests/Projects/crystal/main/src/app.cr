require "./geometry/*"

{% if flag?(:seven) %}
  LAST = 7
{% end %}
(6..LAST).each { |side| puts "square of #{side}: #{Geometry.square(side)}" }
