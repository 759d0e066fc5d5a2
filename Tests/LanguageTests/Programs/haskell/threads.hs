import Control.Concurrent (forkIO)
import Control.Concurrent.MVar (newEmptyMVar, putMVar, takeMVar)
import Control.Monad (forM, forM_)

main :: IO ()
main = do
    workers <- forM [0 .. 3] $ \worker -> do
        result <- newEmptyMVar
        _ <- forkIO (putMVar result $! sum [1000 * worker + 1 .. 1000 * (worker + 1)])
        return result
    sums <- mapM takeMVar workers
    forM_ (zip [0 :: Int ..] sums) $ \(worker, result) ->
        putStrLn ("worker " ++ show worker ++ ": " ++ show (result :: Int))
    putStrLn ("total: " ++ show (sum sums))
