{-# LANGUAGE TemplateHaskell #-}
import Language.Haskell.TH

main :: IO ()
main = print $(let numbers = [1 ..] in litE (integerL (sum (takeWhile (> 0) numbers) + last numbers)))
