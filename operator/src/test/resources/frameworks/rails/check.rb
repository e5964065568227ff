# Sets or finds keys through Rails' cache, in an application with the configuration of the page.
require "rails"
require "active_support/cache"

KEYS = 100

class Check < Rails::Application
  config.eager_load = false
  config.root = ARGV[0]
  config.logger = Logger.new($stderr)
end
require File.join(ARGV[0], "production.rb")
Rails.application.initialize!

keys = (0...KEYS).map { |i| ["rails-#{i}", { value: i }] }
if ARGV[1] == "set"
  keys.each { |key, value| Rails.cache.write(key, value, expires_in: 1.hour) }
  puts "set #{KEYS}"
else
  puts "found #{keys.count { |key, value| Rails.cache.read(key) == value }}"
end
