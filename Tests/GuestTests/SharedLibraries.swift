import Foundation
import Testing

/// What the dynamic loader adds to programs of this machine.
enum SharedLibraries {
    /// - Returns: name the loader looks for, and the file it finds; the loader itself has its whole path as its name.
    static func of(_ programs: [String]) throws -> [String: String] {
        var found: [String: String] = [:]
        for program in programs {
            let answer = try Tool.run("/usr/bin/ldd", [program])
            // A static program has none, and ldd says so with a failure.
            guard answer.status == 0 else { continue }
            for line in answer.output.split(separator: "\n") {
                // "name => /path (address)", or "/path/of/the/loader (address)"
                let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
                if words.count >= 3, words[1] == "=>" {
                    try #require(words[2].hasPrefix("/"), "\(program) needs \(words[0]), which is not there")
                    found[words[0]] = words[2]
                } else if let path = words.first, path.hasPrefix("/") {
                    found[path] = path
                }
            }
        }
        return found
    }
}

/// A program that is run to its end for what it prints.
enum Tool {
    static func run(_ path: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ["LC_ALL": "C"]
        let pipe = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
