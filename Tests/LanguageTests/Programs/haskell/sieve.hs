import Control.Monad (forM_, when)
import Data.Array.ST (newArray, readArray, runSTUArray, writeArray)
import Data.Array.Unboxed (UArray, assocs)

limit :: Int
limit = 99999

prime :: UArray Int Bool
prime = runSTUArray $ do
    marks <- newArray (2, limit) True
    forM_ [2 .. limit] $ \n -> do
        unmarked <- readArray marks n
        when (unmarked && n * n <= limit) $
            forM_ [n * n, n * n + n .. limit] $ \multiple -> writeArray marks multiple False
    return marks

main :: IO ()
main = putStrLn (show (length primes) ++ " " ++ show (last primes))
  where
    primes = [n | (n, True) <- assocs prime]
