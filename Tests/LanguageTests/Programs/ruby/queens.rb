SIZE = 8

def solutions(columns = [], &block)
  return block.call(columns) if columns.size == SIZE

  (1..SIZE).each do |column|
    safe = columns.each_with_index.none? do |other, i|
      other == column || (other - column).abs == columns.size - i
    end
    solutions(columns + [column], &block) if safe
  end
end

found = enum_for(:solutions).to_a
puts found.size, found.first.join
