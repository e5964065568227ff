# Logs in to all servers of a SecureMemcached, then sets and gets keys on them. The login comes from a mounted Secret in the layout of the
# Service Binding specification: $SERVICE_BINDING_ROOT/memcached/ with a file for each of username, password and servers.
require "dalli"

KEYS = 1000
ONE_HOUR = 3600
TIMEOUT = 3 # seconds

def binding_value(key)
  File.read(File.join(ENV.fetch("SERVICE_BINDING_ROOT", "/bindings"), "memcached", key))
end

def user
  name = ENV.fetch("MEMCACHED_USERNAME", "")
  name.empty? ? binding_value("username") : name
end

# Replaces its client when a server refuses the login: the new one reads the files anew.
class Cache
  def initialize
    log_in
  end

  def request
    yield @client
  rescue Dalli::DalliError => error
    raise unless refused?(error)

    log_in
    begin
      yield @client
    rescue Dalli::DalliError => again
      raise again unless refused?(again)

      raise "the login of #{user} was refused"
    end
  end

  private

  def log_in
    @client&.close
    @client = Dalli::Client.new(binding_value("servers").split(","), username: user, password: binding_value("password"),
                                socket_timeout: TIMEOUT, expires_in: ONE_HOUR,
                                # By default the keys of a server that is down move to the others, and outdated ones come back with it.
                                failover: false)
  end

  def refused?(error)
    error.message.include?("authenticating")
  end
end

def check
  Dalli.logger.level = Logger::FATAL # errors reach the caller anyway
  cache = Cache.new
  KEYS.times { |i| cache.request { |client| client.set("ruby-#{i}", "value #{i}") } }
  KEYS.times do |i|
    value = cache.request { |client| client.get("ruby-#{i}") }
    raise "ruby-#{i} came back as #{value.inspect}" unless value == "value #{i}"
  end
  used = cache.request(&:stats).count { |_, statistics| statistics["curr_items"].to_i.positive? }
  puts "ok: #{KEYS} keys on #{used} servers as #{user}"
end

begin
  check
rescue SystemCallError, RuntimeError => error
  abort "error: #{error.message}"
end
