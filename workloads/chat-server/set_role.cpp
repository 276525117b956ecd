#include "workloads/chat-server/set_role.hpp"

#include "libs/async/log_failures.hpp"
#include "libs/async/task_group.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/redis/client.hpp"
#include "workloads/chat-server/io/account_repository.hpp"
#include "workloads/chat-server/io/answer_cache.hpp"
#include "workloads/chat-server/metrics.hpp"

#include <chrono>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <pqxx/connection>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr auto kConnectTime = 3s;

// The caches of a program that does nothing else.
class Caches {
 public:
    Caches(const Config& config, const Log& log)
        : log_(log),
          tasks_(context_.get_executor(), log_failures(log)),
          redis_(context_.get_executor(), config.redis, log),
          answers_(context_.get_executor(), redis_, flights_,
                   {.prefix = config.cache_prefix, .life = config.answer_life}, metrics_.answers) {}

    void forget(std::string tag) {
        asio::co_spawn(context_, forget_and_end(std::move(tag)), asio::detached);
        context_.run();
    }

 private:
    awaitable<void> forget_and_end(std::string tag) {
        tasks_.spawn(redis_.run());
        try {
            co_await redis_.wait_until_connected(Deadline::after(kConnectTime));
            std::vector<std::string> tags{std::move(tag)};
            co_await answers_.forget(std::move(tags));
        } catch (const DeadlineExceeded&) {
            log_.warning(
                "Redis is away: the profile shows the role when its time in the cache is "
                "over");
        }
        tasks_.cancel();
        co_await tasks_.wait();
    }

    Log log_;
    asio::io_context context_{1};
    TaskGroup tasks_;
    Metrics metrics_;
    SingleFlight<AnswerCache::Answer> flights_;
    redis::Client redis_;
    AnswerCache answers_;
};

}  // namespace

bool set_role_everywhere(const Config& config, const std::string& handle, Role role,
                         const Log& log) {
    pqxx::connection connection(postgres::connection_string(config.postgres));
    const auto user = set_role(connection, handle, role);
    if (!user) return false;
    Caches(config, log).forget(profile_tag(*user));
    return true;
}

}  // namespace chatflow::chat
