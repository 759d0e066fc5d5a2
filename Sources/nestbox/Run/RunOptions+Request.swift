internal import ArgumentParser
internal import RunModel
internal import RunPlanning

extension RunOptions {
    /// The request that these options make, without network and files.
    func request(language: String) throws -> RunRequest {
        var request = RunRequest(
            language: language, policy: policy, main: main, compilerOptions: compilerOptions, arguments: arguments,
            // Without a directory to put them into there are none.
            artifacts: output != nil && artifacts.isEmpty ? nil : artifacts, buffering: buffering, check: check)
        for text in limits {
            let pair = try Self.pair(text, option: "limit", form: "NAME=VALUE, such as cpu=2s")
            guard request.limits.updateValue(pair.value, forKey: pair.name) == nil else {
                throw ValidationError("--limit: found \(pair.name) twice")
            }
        }
        return request
    }

    /// Reads the program and the files beside it, and the variables of its environment.
    ///
    /// - Parameter disk: how many bytes all files may have together.
    func readFiles(into request: inout RunRequest, disk: Int64) throws {
        let source =
            file == "-"
            ? try InputFiles.readInput(disk: disk) : try InputFiles.read(file, what: "source", disk: disk).content
        request.code = source
        guard files.count < RunRequest.maximumFiles else {
            throw ValidationError(
                "--file: found \(files.count), allowed at most \(RunRequest.maximumFiles - 1)")
        }
        var left = disk - Int64(source.count)
        for text in files {
            let pair = try Self.pair(text, option: "file", form: "NAME=PATH, such as data.csv=./data.csv")
            let file = try InputFiles.read(pair.value, what: "file", disk: disk)
            left -= Int64(file.content.count)
            if left < 0 { throw APIError.tooLarge("the files together", bytes: disk - left, disk: disk) }
            request.files.append(
                RunRequest.File(path: pair.name, content: file.content, executable: file.executable))
        }
        for text in environment {
            let pair = try Self.pair(text, option: "env", form: "KEY=VALUE")
            request.environment[pair.name] = pair.value
        }
    }
}
