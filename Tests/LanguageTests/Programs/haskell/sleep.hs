import Control.Concurrent (threadDelay)

main :: IO ()
main = do
    threadDelay 200000
    putStrLn "awake"
