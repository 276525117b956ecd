#include "workloads/socket/auth/ban_list.hpp"

#include "libs/redis/client.hpp"
#include "libs/redis/script.hpp"

#include <array>
#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::socket {
namespace {

using namespace std::chrono_literals;

constexpr auto kPageTime = 2s;
constexpr std::string_view kPage = "5000";
constexpr std::string_view kBannedKey = "banned:users";

// KEYS banned:users · ARGV user, 1 or 0, channel, message
const redis::Script& change_script() {
    static const redis::Script script(R"lua(
        redis.call(ARGV[2] == '1' and 'SADD' or 'SREM', KEYS[1], ARGV[1])
        return redis.call('PUBLISH', ARGV[3], ARGV[4]))lua");
    return script;
}

}  // namespace

BanList::BanList(redis::Client& redis, OnBan on_ban) : redis_(redis), on_ban_(std::move(on_ban)) {}

awaitable<void> BanList::load() {
    std::unordered_set<std::string> found;
    std::string cursor = "0";
    do {
        redis::Command scan{"SSCAN", kBannedKey, cursor, "COUNT", kPage};
        const auto page = co_await redis_.call(std::move(scan), Deadline::after(kPageTime));
        cursor = page[0].text();
        const auto users = page[1];
        for (std::size_t i = 0; i < users.size(); ++i) found.emplace(users[i].text());
    } while (cursor != "0");
    auto before = std::exchange(banned_, std::move(found));
    is_known_ = true;
    for (const std::string& user : banned_) {
        if (!before.contains(user)) on_ban_(user);
    }
}

void BanList::apply(const std::string& user, bool is_banned) {
    if (!is_banned) {
        banned_.erase(user);
    } else if (banned_.insert(user).second) {
        on_ban_(user);
    }
}

awaitable<void> BanList::change(std::string user, bool is_banned, Deadline deadline) {
    const nlohmann::json message = {{"type", is_banned ? "ban" : "unban"}, {"userId", user}};
    const std::array keys{std::string(kBannedKey)};
    const std::array arguments{std::move(user), std::string(is_banned ? "1" : "0"),
                               std::string(kControlChannel), message.dump()};
    co_await redis_.eval(change_script(), keys, arguments, deadline);
}

}  // namespace chatflow::socket
