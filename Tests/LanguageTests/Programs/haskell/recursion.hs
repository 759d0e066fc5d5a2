total :: Int -> Int
total 0 = 0
total n = n + total (n - 1)

main :: IO ()
main = print (total 5000)
