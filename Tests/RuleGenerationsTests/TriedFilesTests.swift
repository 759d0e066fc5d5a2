import Testing

@testable import RuleGenerations

@Suite("Which files are worth another attempt")
struct TriedFilesTests {
    @Test("files whose trial failed are tried a few times more; those that are wrong are not")
    func retries() {
        var tried = TriedFiles()
        #expect(tried.isWorthATry("a"))
        for _ in 0..<TriedFiles.trialRetries {
            tried.trialFailed("a")
            #expect(tried.isWorthATry("a"))
        }
        tried.trialFailed("a")
        #expect(!tried.isWorthATry("a") && tried.isWorthATry("b"))
    }

    @Test("trials of one set say nothing about the next one")
    func others() {
        var tried = TriedFiles()
        for _ in 0...TriedFiles.trialRetries { tried.trialFailed("a") }
        // A set with mistakes takes no trials over from the one before: it would be tried again and again, or never.
        tried.refused("b")
        #expect(!tried.isWorthATry("b"))
        tried.trialFailed("a")
        #expect(tried.isWorthATry("a"))
        tried.refused("c")
        #expect(!tried.isWorthATry("c"))
        tried.succeeded("d")
        #expect(tried.isWorthATry("a"))
    }

    @Test("files that never rested are looked at again, also when they then stay as they were seen last")
    func unsettled() {
        var tried = TriedFiles()
        for _ in 0...TriedFiles.trialRetries { tried.trialFailed("a") }
        tried.unsettled()
        #expect(tried.isWorthATry("a") && tried.isWorthATry("b"))
    }
}
