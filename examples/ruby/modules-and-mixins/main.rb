class Card
  include Comparable
  attr_reader :rank

  RANKS = %w[2 3 4 5 6 7 8 9 10 J Q K A].freeze

  def initialize(rank) = @rank = rank
  def <=>(other) = RANKS.index(rank) <=> RANKS.index(other.rank)
  def to_s = rank
end

class Hand
  include Enumerable

  def initialize(*ranks) = @cards = ranks.map { |rank| Card.new(rank) }
  def each(&block) = @cards.each(&block)
end

hand = Hand.new("10", "K", "2", "A", "7")
puts "sorted:  #{hand.sort.join(' ')}"
puts "highest: #{hand.max}"
puts "above 9: #{hand.select { |card| card > Card.new('9') }.join(' ')}"
puts "between 5 and J: #{hand.count { |card| card.between?(Card.new('5'), Card.new('J')) }}"
