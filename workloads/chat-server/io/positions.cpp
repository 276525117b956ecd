#include "workloads/chat-server/io/positions.hpp"

#include "libs/postgres/reads.hpp"
#include "libs/redis/client.hpp"
#include "libs/redis/errors.hpp"
#include "libs/redis/script.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr auto kReadTime = 100ms;  // the primary can be asked in place of Redis
// A position that other pods do not find is a write that its client may miss there: better slow.
constexpr auto kWriteTime = 2s;
// Beyond the greatest lag: the primary is looked at now and then only.
constexpr auto kMargin = 5s;

// Sixteen digits, so that texts compare as numbers do; Lua's own numbers have 53 bits.
const redis::Script& advance_script() {
    static const redis::Script script(R"lua(
        local held = redis.call('GET', KEYS[1])
        if held and held >= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return 1)lua");
    return script;
}

std::string key_of(const std::string& client) { return "position:" + client; }

postgres::Lsn lsn_of(std::string_view digits) {
    const auto lsn = digits.size() == 16 ? postgres::parse_lsn(std::string(digits.substr(0, 8)) +
                                                               '/' + std::string(digits.substr(8)))
                                         : std::nullopt;
    return lsn.value_or(postgres::kNewest);
}

}  // namespace

Positions::Positions(asio::any_io_executor executor, redis::Client& redis, postgres::Pool& pool,
                     std::chrono::milliseconds lag_max)
    : redis_(redis),
      pool_(pool),
      life_(lag_max + kMargin),
      looks_(executor, {}, [this](std::vector<Question> asked, Deadline deadline) {
          auto look = [many = asked.size()](pqxx::connection& connection) {
              return std::vector<postgres::Lsn>(many, postgres::written_up_to(connection));
          };
          return pool_.run(std::move(look), deadline);
      }) {}

// What was written while this connection was down may be missing, for as long as it would be kept.
bool Positions::is_redis_trusted() {
    if (!redis_.is_connected()) return false;
    if (redis_.connections_made() != connection_) {
        const bool is_first = connection_ == 0;
        connection_ = redis_.connections_made();
        if (!is_first) distrust_until_ = Deadline::after(life_);
    }
    return distrust_until_.has_passed();
}

awaitable<postgres::Lsn> Positions::of(std::string client) {
    if (!is_redis_trusted()) co_return postgres::kNewest;
    try {
        const auto reply =
            co_await redis_.call(redis::Command{"GET", key_of(client)}, Deadline::after(kReadTime));
        const auto digits = reply.optional_text();
        co_return digits ? lsn_of(*digits) : postgres::Lsn{};
    } catch (const redis::Error&) {
        co_return postgres::kNewest;
    }
}

awaitable<std::optional<postgres::Lsn>> Positions::advance(std::string client, Deadline deadline) {
    postgres::Lsn written{};
    try {
        written = co_await looks_.ask({}, deadline);
    } catch (const postgres::Error&) {
        co_return std::nullopt;
    }
    const std::array keys{key_of(client)};
    const std::array arguments{fmt::format("{:016X}", std::to_underlying(written)),
                               std::to_string(life_.count())};
    try {
        co_await redis_.eval(advance_script(), keys, arguments, deadline.but_within(kWriteTime));
    } catch (const redis::Error&) {  // whoever sends the position back needs no memory of ours
    }
    co_return written;
}

}  // namespace chatflow::chat
