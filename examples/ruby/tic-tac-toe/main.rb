LINES = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]].freeze

def winner(board)
  line = LINES.find { |a, b, c| board[a] != " " && board[a] == board[b] && board[b] == board[c] }
  line && board[line[0]]
end

def free(board) = (0..8).select { |place| board[place] == " " }
def other(player) = player == "X" ? "O" : "X"

SCORES = {}

# 1, 0 or -1: how the game ends for the player whose turn it is, when both play well.
def score(board, player)
  SCORES[[board, player]] ||=
    if winner(board) then -1
    elsif free(board).empty? then 0
    else free(board).map { |place| -score(played(board, place, player), other(player)) }.max
    end
end

def played(board, place, player)
  board.dup.tap { |copy| copy[place] = player }
end

board = " " * 9
player = "X"
until winner(board) || free(board).empty?
  place = free(board).max_by { |p| [-score(played(board, p, player), other(player)), -p] }
  board = played(board, place, player)
  puts "#{player} takes #{place + 1}"
  player = other(player)
end
puts board.scan(/.../).map { |row| row.chars.join("|") }
puts winner(board) ? "#{winner(board)} wins" : "draw"
