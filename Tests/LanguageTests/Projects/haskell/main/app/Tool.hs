module Main (main) where

import Geometry.Shapes (square)

main :: IO ()
main = mapM_ (\side -> putStrLn ("square of " ++ show side ++ ": " ++ show (square side))) [6, 7]
