/// The exit statuses of all commands.
enum ExitTable {
    /// The command did what it is for, and all is well.
    static let done: Int32 = 0
    /// The command did what it is for, and found something wrong.
    static let found: Int32 = 1
    /// A limit ended the program.
    static let limit: Int32 = 124
    /// Nestbox failed, or what it was asked for is wrong.
    static let failed: Int32 = 125
    /// The program did not compile.
    static let compileError: Int32 = 126

    static let text = """
        EXIT STATUS of every command
          0                   done, and all is well
          1                   done, and something is wrong: errors in policies, an image that failed its
                              check or its build, an example that prints something else, an audit
                              log that was changed, a machine on which no run is possible; for the service: it could not start, or go on
          125                 Nestbox failed, or what it was asked for is wrong: the command line, settings, a
                              file that cannot be read, a service that cannot be reached
          130, 143, 129       ended by Ctrl-C (SIGINT), SIGTERM, SIGHUP
          141                 the reader of its output went away

        EXIT STATUS of 'nestbox run', beside these
          the program's own   it ended by itself, whatever the number
          128+n               signal n ended it; 159: a system call that the policy does not allow
          124                 it came up against a limit
          126                 it did not compile

        A program may end with 1, 124, 125 or 126 itself: --json tells the difference.
        """
}
