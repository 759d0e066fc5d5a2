import Control.Exception (ErrorCall, evaluate, try)
import System.Exit (ExitCode (..), exitWith)

main :: IO ()
main = do
    result <- try (evaluate (read "12x" :: Int))
    case result :: Either ErrorCall Int of
        Right number -> print number
        Left _ -> do
            putStrLn "caught"
            exitWith (ExitFailure 3)
