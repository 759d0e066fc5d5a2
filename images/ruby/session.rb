# The driver of a live session for Ruby. docs/session-drivers.md has the protocol: commands come from descriptor 100, records go to 101.
# A thread reads them, so that questions are answered while a cell runs; cells run in the main thread, at the top level (TOPLEVEL_BINDING).
require "json"

begin
  File.unlink($0) # Nobody needs it any more, and a cell should find its folder empty.
rescue SystemCallError
end

module Nestbox
  RECORD, TEXT, ROWS = 1 << 20, 64 << 10, 200
  CHECKPOINTS = 16

  module_function

  # Shows a value now. With an id it can be changed later: Nestbox.update(value, id).
  def display(value, id: nil, update: false)
    data = Driver.fitting({"text/plain" => Driver.cut(Driver.text(value.inspect), TEXT)}.merge(Driver.bundle(value)))
    record = {type: "display", id: Driver.current, data: data}
    record.update(display_id: Driver.cut(Driver.text(id.to_s), 200), update: !!update) unless id.nil?
    Driver.flush
    Driver.say(record)
  end

  def update(value, id) = display(value, id: id, update: true)

  def clear(wait: false)
    Driver.flush
    Driver.say(type: "clear", id: Driver.current, wait: !!wait)
  end

  Rich = Struct.new(:mime, :content) do
    def to_iruby_mimebundle(include: []) = [{mime => content}, {}]
  end

  def html(content) = Rich.new("text/html", content)
  def svg(content) = Rich.new("image/svg+xml", content)
  def markdown(content) = Rich.new("text/markdown", content)
  def png(content) = Rich.new("image/png", content)

  module Driver
    IN, OUT = [100, 101].map { |number| IO.for_fd(number, number == 100 ? "rb" : "wb", autoclose: false) }
    [IN, OUT].each { |stream| stream.close_on_exec = true } # Programs that cells start have no business with them.
    OUT.sync = true
    CHANNEL = [IN, OUT].map { |stream| stream.stat.ino }
    KLASS, SINGLETON, TO_S = %i[class singleton_methods to_s].map { |name| Kernel.instance_method(name) }
    MINE = Regexp.new("^" + Regexp.escape(__FILE__) + ":|^<internal:")
    QUIET = %i[LASGN DASGN GASGN IASGN CVASGN CDECL MASGN DEFN DEFS CLASS MODULE SCLASS OP_ASGN1 OP_ASGN2 OP_ASGN_OR OP_ASGN_AND VALIAS ALIAS UNDEF]
    MAIN, SPACE = Thread.main, TOPLEVEL_BINDING

    @sending, @gate, @commands = Mutex.new, Mutex.new, Queue.new
    @owner = Process.pid # Whoever has another pid is a cell's child: it never answers.
    @sources = {}

    class << self
      attr_reader :current

      def lost(reason)
        return unless Process.pid == @owner
        begin
          STDERR.syswrite("session: #{reason}\n")
        ensure
          exit!(70)
        end
      end

      def say(record)
        return unless Process.pid == @owner
        data = JSON.generate(record)
        raise "record too large" if data.bytesize > RECORD
        # An interrupt waits for the end of the record: half of one would end the session.
        Thread.handle_interrupt(Interrupt => :never) do
          @sending.synchronize do
            @inside = Thread.current == MAIN
            OUT.write([data.bytesize].pack("N") + data.b)
          ensure
            @inside = false
          end
        end
        nil
      rescue SystemCallError, IOError => error
        lost("channel: #{error.message}")
      end

      def text(value) = value.encoding == Encoding::UTF_8 ? value.scrub : value.dup.force_encoding("UTF-8").scrub

      # At most so many bytes, by whole characters.
      def cut(value, limit) = value.bytesize <= limit ? value : value.byteslice(0, limit).scrub("")

      # --- The channel

      def start_reader
        @reader = Thread.new { receive }
        @reader.report_on_exception = false
      end

      # Ends where the process is about to fork.
      def receive
        loop do
          head = IN.read(4) or exit!(0) # The service is gone or has closed the session.
          size = head.unpack1("N")
          lost("channel: record too large") if size > RECORD
          record = JSON.parse(IN.read(size))
          case record["type"]
          when "interrupt" then interrupt(record["id"])
          when "execute" then @commands << record
          when "complete", "inspect", "is_complete", "variables" then answer(record)
          else
            @commands << record
            return
          end
        end
      rescue StandardError => error
        lost("channel: #{error.class}: #{error.message}")
      end

      # Only the cell it was sent for: a late one must not hit the next.
      def interrupt(id)
        @gate.synchronize do
          next unless @running && @running == id
          @asked = id
          @hit = Process.clock_gettime(Process::CLOCK_MONOTONIC)
          MAIN.raise(Interrupt, "")
        end
      end

      # A SIGINT: a further one for a cell that was interrupted and goes on.
      def signal
        return raise(Interrupt, "") unless Process.pid == @owner
        return if @inside
        return unless @running && @asked == @running && Process.clock_gettime(Process::CLOCK_MONOTONIC) - @hit > 0.5
        raise Interrupt, ""
      end

      def answer(record)
        say({type: "answer", id: record["id"]}.merge(Questions.send(record["type"], record)))
      rescue Exception => error
        say(type: "answer", id: record["id"], error: cut(text("#{error.class}: #{error.message}"), 500))
      end

      # --- Cells

      def execute(record)
        id, @current, status, leaving = record["id"], record["id"], "ok", nil
        begin
          Thread.handle_interrupt(Interrupt => :immediate) do
            @gate.synchronize { @running, @asked = id, nil }
            begin
              value = run(record["code"], "(cell #{id})")
              report(id, value) unless value.nil? || record["silent"]
            rescue SystemExit => error
              leaving = error
            rescue Exception => error
              status = error.is_a?(Interrupt) && @asked == id ? "interrupted" : "error"
              report_error(id, error)
            end
            @gate.synchronize { @running = nil }
          end
        rescue Exception # An interrupt that came just as the cell was done.
          status = "interrupted"
        end
        @running = nil
        begin
          Thread.handle_interrupt(Interrupt => :immediate) { Thread.pass }
        rescue Interrupt
        end
        flush
        if Process.pid != @owner # A child that the cell forked has come to the cell's end: it is at its own.
          raise leaving if leaving
          exit!(status == "ok")
        end
        trap("INT") { signal }
        lost("channel: the cell has closed or replaced descriptors 100 and 101") unless kept?
        say(type: "done", id: id, status: status)
        exit(leaving.status) if leaving
      end

      def kept?
        [100, 101].map { |number| File.stat("/proc/self/fd/#{number}").ino } == CHANNEL
      rescue SystemCallError
        false
      end

      # The value of the cell, if its last statement is an expression and no `;` follows.
      def run(code, name)
        @sources[name] = code
        @sources.shift if @sources.size > 200
        last = RubyVM::AbstractSyntaxTree.parse(code).children.last
        last = last.children.last while last && last.type == :BLOCK
        value = SPACE.eval(code, name, 1)
        return nil if last.nil? || QUIET.include?(last.type) || code.rstrip.end_with?(";")
        SPACE.local_variable_set(:_, value)
        value
      end

      # `inspect` and its like are foreign code: they may raise, which makes it the cell's error.
      def report(id, value)
        whole = text(value.inspect)
        record = {type: "result", id: id, repr: cut(whole, TEXT), truncated: whole.bytesize > TEXT}
        record[:value] = value if plain?(value, 0, [20_000]) && JSON.generate(value).bytesize <= TEXT
        data = bundle(value)
        record[:data] = fitting(data) unless data.empty?
        say(record)
      end

      # Whether it is JSON as it stands: exact classes, and not too much of it.
      def plain?(value, depth, budget)
        return false if (budget[0] -= 1) < 0 || depth > 32
        case KLASS.bind_call(value).name
        when "NilClass", "TrueClass", "FalseClass" then true
        when "Integer" then value.abs < 2**53
        when "Float" then value.finite?
        when "String" then value.bytesize <= TEXT && value.encoding == Encoding::UTF_8 && value.valid_encoding?
        when "Array" then value.all? { |item| plain?(item, depth + 1, budget) }
        when "Hash" then value.all? { |key, item| String === key && plain?(key, depth + 1, budget) && plain?(item, depth + 1, budget) }
        else false
        end
      end

      MIMES = {to_html: "text/html", to_svg: "image/svg+xml", to_png: "image/png", to_latex: "text/latex", to_markdown: "text/markdown"}

      # What the object itself offers in other formats, by IRuby's names for it.
      def bundle(value)
        data = {}
        data.update(value.to_iruby_mimebundle(include: []).first) if value.respond_to?(:to_iruby_mimebundle)
        MIMES.each do |name, mime|
          content = value.public_send(name) if !data.key?(mime) && value.respond_to?(name)
          data[mime] = content unless content.nil?
        end
        data
      rescue StandardError
        data
      end

      def fitting(data)
        kept, room, notes = {}, RECORD - (160 << 10), []
        data.first(50).each do |mime, content|
          mime, content = cut(text(mime.to_s), 100), content.to_s
          content = mime.start_with?("image/") && mime != "image/svg+xml" ? [content].pack("m0") : text(content)
          size = JSON.generate(content).bytesize
          size <= room ? kept[mime] = content : notes << "<#{mime}, #{size} bytes: too large to show>"
          room -= size if size <= room
        end
        kept["text/plain"] = [kept["text/plain"], *notes.first(20)].compact.join("\n") unless notes.empty?
        kept
      end

      def report_error(id, error)
        message = begin
          text(error.message.to_s)
        rescue StandardError
          "the message cannot be read"
        end
        lines, part = [], error
        while part && lines.size < 300
          places = (part.backtrace || []).reject { |line| MINE.match?(line) }
          title = part.equal?(error) ? message : (text(part.message.to_s) rescue "")
          lines.concat("#{places.first || "(cell)"}: #{title} (#{part.class})".lines(chomp: true), places.drop(1).first(200).map { |line| "\tfrom #{line}" })
          part = part.cause
        end
        say(type: "error", id: id, exception: cut(error.class.to_s, 200), message: cut(message, 8000), traceback: lines.map { |line| cut(text(line), 600) })
      end

      def flush
        [$stdout, $stderr, STDOUT, STDERR].uniq.each do |stream|
          stream.flush
        rescue StandardError # Closed, or replaced by something else: the cell's own choice.
        end
      end

      # --- Checkpoints, as in images/python/session.py: the first turns this process into the keeper, which waits; a checkpoint is a
      # fork that sleeps until SIGUSR1 asks it to fork the one that goes on; the keeper adopts all (PR_SET_CHILD_SUBREAPER).

      def become_keeper
        syscall(RUBY_PLATFORM.start_with?("x86_64") ? 157 : 167, 36, 1, 0, 0, 0)
        @told, @asks, @keeper = IO.pipe, IO.pipe, @owner
        (@told + @asks).each { |stream| stream.sync = true }
        active = fork
        return @owner = Process.pid if active.nil?
        trap("INT", "IGNORE")
        loop do
          pid, status = Process.wait2
          active = told(active)
          active = IO.select([@told[0]], nil, nil, 5) ? told(0) : 0 if active == 0 # A restore has begun: who is woken says so itself.
          next unless pid == active || active == 0
          if status&.signaled?
            trap(status.termsig, "DEFAULT") unless [9, 19].include?(status.termsig)
            Process.kill(status.termsig, Process.pid)
            sleep 1
          end
          exit!(status&.exitstatus || 70)
        end
      end

      def told(active)
        @told[0].read_nonblock(4096).split.last.to_i
      rescue IO::WaitReadable
        active
      end

      # Forks a process that is not our child. Returns its pid here, and nil there.
      def fork_aside
        reader, writer = IO.pipe
        if (middle = fork)
          writer.close
          Process.wait(middle)
          pid = reader.read.to_i
          reader.close
          raise "fork failed" if pid == 0
          return pid
        end
        if (pid = fork)
          writer.syswrite(pid.to_s)
          exit!(0)
        end
        [reader, writer].each(&:close)
        nil
      end

      # Whether it is one of our sleeping interpreters.
      def keeps?(ref)
        state, parent = File.read("/proc/#{Integer(ref)}/stat").rpartition(")").last.split
        state != "Z" && parent.to_i == @keeper && Integer(ref) != @owner
      rescue SystemCallError, ArgumentError, TypeError
        false
      end

      def checkpoint
        return {ok: false, error: "threads are running: a fork would lose them"} if Thread.list.size > 1
        flush
        become_keeper unless @keeper
        asleep = Dir.children("/proc").count { |name| name.match?(/\A\d+\z/) && keeps?(name) }
        return {ok: false, error: "there are #{CHECKPOINTS} checkpoints: drop one first"} if asleep >= CHECKPOINTS
        wake = IO.pipe
        before = trap("USR1") { wake[1].write_nonblock("x", exception: false) }
        ref = fork_aside
        if ref
          trap("USR1", before || "DEFAULT")
          wake.each(&:close)
          return {ok: true, ref: ref}
        end
        trap("INT", "IGNORE")
        loop do
          IO.select([wake[0]])
          wake[0].read_nonblock(1, exception: false)
          break unless fork_aside
        end
        @owner = Process.pid
        @told[1].write("#{@owner} ")
        srand
        trap("INT") { signal }
        trap("USR1", before || "DEFAULT")
        wake.each(&:close)
        say({type: "restored"}.merge(JSON.parse(@asks[0].readpartial(4096))))
        nil
      end

      # A checkpoint, a restore or a drop. The reader has ended, so that a fork finds one thread.
      def manage(record)
        @reader.join
        ref = record["ref"]
        fields =
          if record["type"] == "checkpoint" then checkpoint
          elsif !%w[restore drop].include?(record["type"]) then {error: "unknown type"}
          elsif !keeps?(ref) then {ok: false, error: "there is no such checkpoint"}
          elsif record["type"] == "drop"
            Process.kill("KILL", ref)
            sleep 0.001 while keeps?(ref)
            {ok: true}
          else
            flush
            @asks[1].write(JSON.generate(id: record["id"], name: cut(record["name"].to_s, 200)))
            @told[1].write("0 ")
            Process.kill("USR1", ref)
            exit!(0)
          end
      rescue StandardError => error
        fields = {ok: false, error: cut(text("#{error.class}: #{error.message}"), 500)}
      ensure
        say({type: "answer", id: record["id"]}.merge(fields)) if fields
        start_reader
      end

      # What io/console has for a terminal works without one: whoever asks for the input is told that it is a password.
      def hide_input
        driver = self
        STDIN.define_singleton_method(:noecho) do |&read|
          driver.say(type: "password", id: driver.current, on: true)
          read.call(self)
        ensure
          driver.say(type: "password", id: driver.current, on: false)
        end
        STDIN.define_singleton_method(:getpass) do |prompt = nil|
          STDERR.print(prompt) if prompt
          noecho(&:gets)&.chomp
        end
      end

      def start
        $0 = "cell"
        $stdin, ARGV[0..] = STDIN, []
        hide_input
        trap("INT") { signal }
        start_reader
        features = %w[complete inspect is_complete variables checkpoint interrupt rich concurrent]
        say(type: "ready", protocol: 1, language: "ruby", version: RUBY_VERSION, features: features)
        Thread.handle_interrupt(Interrupt => :never) do
          loop do
            record = @commands.pop
            record["type"] == "execute" ? execute(record) : manage(record)
          end
        end
      end
    end
  end

  # They are answered in the reader's thread, beside a running cell, and so call nothing foreign: only values of core classes are printed.
  module Questions
    WORDS = %w[alias and begin break case class def defined? do else elsif end ensure false for if in module next nil not or redo rescue retry
               return self super then true undef unless until when while yield __FILE__ __LINE__ __method__]
    D = Driver

    class << self
      def find(path)
        case path
        when /\A[A-Z]\w*(::[A-Z]\w*)*\z/
          path.split("::").inject(Object) { |holder, name| holder.autoload?(name) ? throw(:none) : holder.const_get(name, holder == Object) }
        when /\A[a-z_]\w*\z/ then D::SPACE.local_variable_defined?(path) ? D::SPACE.local_variable_get(path) : throw(:none)
        when /\A@\w+\z/ then D::SPACE.receiver.instance_variable_get(path)
        when /\A\$\w+\z/ then global_variables.include?(path.to_sym) ? D::SPACE.eval(path) : throw(:none)
        when /["']\z/ then ""
        when /\]\z/ then []
        when /\}\z/ then {}
        when /\A\d+\z/ then 0
        else throw(:none)
        end
      end

      def complete(record)
        cursor = record["cursor"]
        line = record["code"][0, cursor].lines.last.to_s
        matched = line.match(/(?:([\w@$:]+|["'\]\}])(\.|&\.|::))?([@$]{0,2}\w*[?!]?)\z/)
        head, dot, prefix = matched[1], matched[2], matched[3]
        found = {}
        catch(:none) do
          if head
            value = find(head)
            klass = D::KLASS.bind_call(value)
            value.constants.each { |name| found[name] = "constant" } if dot == "::" && Module === value
            names = D::SINGLETON.bind_call(value) + klass.public_instance_methods
            names.each { |name| found[name] ||= "function" }
          else
            D::SPACE.local_variables.each { |name| found[name] = "variable" }
            D::SPACE.receiver.instance_variables.each { |name| found[name] = "variable" }
            global_variables.each { |name| found[name] = "variable" }
            WORDS.each { |name| found[name] ||= "keyword" }
            Object.constants.each { |name| found[name] = "constant" }
            Object.private_instance_methods.each { |name| found[name] ||= "function" }
          end
        end
        names = found.keys.map(&:to_s).select { |name| name.start_with?(prefix) && name.match?(/\A[@$]{0,2}\w+[?!]?\z/) }
        matches = names.sort.first(ROWS).map { |name| {text: name, type: found[name.to_sym] || found[name]} }
        {matches: matches, start: cursor - prefix.length, end: cursor}
      end

      def inspect(record)
        before, after = record["code"][0, record["cursor"]], record["code"][record["cursor"]..]
        path = before.sub(/\(\z/, "")[/[\w@$:.]*[?!]?\z/] + after[/\A\w*[?!]?/]
        catch(:none) do
          head, dot, name = path.rpartition(".")
          if path.match?(/\A[a-z_]\w*[?!]?\z/) && !D::SPACE.local_variable_defined?(path.delete("?!"))
            return described(Object.instance_method(path))
          elsif dot == "."
            value = find(head)
            method = value.singleton_methods.include?(name.to_sym) ? value.method(name) : D::KLASS.bind_call(value).instance_method(name)
            return described(method)
          end
          value = find(path)
          words = Module === value ? "#{value.class.name.downcase} #{path}, ancestors #{value.ancestors.first(10).join(", ")}" : "#{path}: #{D::KLASS.bind_call(value)} = #{short(value)}"
          return {found: true, data: {"text/plain": D.cut(D.text(words), TEXT)}}
        end
        {found: false, data: {}}
      rescue NameError
        {found: false, data: {}}
      end

      def described(method)
        signs = {req: "%s", opt: "%s = …", rest: "*%s", keyreq: "%s:", key: "%s: …", keyrest: "**%s", block: "&%s"}
        list = method.parameters.map { |kind, name| format(signs.fetch(kind, "%s"), name || "…") }
        {found: true, data: {"text/plain": "#{method.owner}##{method.name}(#{list.join(", ")})" + (method.source_location ? "\n\nat #{method.source_location.join(":")}" : "")}}
      end

      OPEN = /unexpected end-of-input|unterminated|can't find string .* anywhere before EOF|embedded document meets end of file|meets end of file/

      def is_complete(record)
        code = record["code"]
        RubyVM::InstructionSequence.compile(code)
        {status: "complete"}
      rescue SyntaxError => error
        return {status: "invalid"} unless OPEN.match?(error.message)
        line = code.lines.last.to_s
        deeper = line.match?(/\b(do|then|begin|else|def\b.*|class\b.*|module\b.*|if\b.*|while\b.*|unless\b.*)(\s*\|.*\|)?\s*\z|[\[{(]\s*\z/)
        {status: "incomplete", indent: line[/\A\s*/].delete("\n") + (deeper ? "  " : "")}
      end

      def short(value, depth = 0)
        case name = D::KLASS.bind_call(value).name
        when "NilClass", "TrueClass", "FalseClass", "Float", "Symbol", "Range" then name == "Range" ? "#{short(value.begin)}..#{short(value.end)}" : value.inspect
        when "Integer" then value.bit_length < 600 ? value.inspect : "(integer of #{value.bit_length} bits)"
        when "String" then D.text(value[0, 200]).inspect
        when "Array" then depth > 2 ? "[…]" : "[#{value.first(10).map { |item| short(item, depth + 1) }.join(", ")}#{", …" if value.size > 10}]"
        when "Hash" then depth > 2 ? "{…}" : "{#{value.first(10).map { |key, item| "#{short(key, depth + 1)}=>#{short(item, depth + 1)}" }.join(", ")}#{", …" if value.size > 10}}"
        else D::TO_S.bind_call(value)
        end
      end

      def variables(_)
        rows = D::SPACE.local_variables.map { |name| [name, D::SPACE.local_variable_get(name)] }
        rows += D::SPACE.receiver.instance_variables.map { |name| [name, D::SPACE.receiver.instance_variable_get(name)] }
        rows.reject! { |name, _| name == :_ }
        list = rows.first(ROWS).map do |name, value|
          klass = D::KLASS.bind_call(value)
          size = [String, Array, Hash].include?(klass) ? value.size : 0
          {name: D.cut(name.to_s, 200), type: D.cut(klass.to_s, 200), repr: D.cut(D.text(short(value)), 200), size: size}
        end
        {variables: list}
      end
    end
  end
end

Nestbox::Driver.start
