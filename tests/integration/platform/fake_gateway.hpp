#pragma once

#include "libs/async/task_group.hpp"
#include "libs/redis/client.hpp"
#include "tests/support/run.hpp"
#include "workloads/socket/auth/membership.hpp"
#include "workloads/socket/platform/gateway.hpp"
#include "workloads/socket/platform/platform.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace chatflow::test {

class FakeGateway;

/// A Socket.IO client as far as rooms and recovery are concerned: keeps the last offset, shows it
/// when it connects again.
struct FakeClient {
    std::string user;
    FakeGateway* gateway = nullptr;  // null: offline
    std::string socket;              // changes with each connection
    std::string session;
    std::string offset;
    std::vector<std::string> events;  // without the offset
    std::string refusal;              // of the last attempt to connect
    std::string closed_because;
    bool was_told_to_stay_away = false;
    int recoveries = 0;
    int failures = 0;  // came back to another session

    ~FakeClient();  // the connection is gone
};

/// A pod: a platform whose clients are objects of the test.
class FakeGateway : public socket::Gateway {
 public:
    FakeGateway(boost::asio::io_context& io, redis::Options options, const std::string& pod,
                const std::function<void(socket::PlatformOptions&)>& adjust = {});
    ~FakeGateway() override;
    FakeGateway(const FakeGateway&) = delete;
    FakeGateway& operator=(const FakeGateway&) = delete;

    /// True when it was let in.
    awaitable<bool> connect(FakeClient& client);
    /// The client's connection breaks.
    void cut(FakeClient& client, bool may_return = true);
    /// The client is no more; its session stays, as it does when a connection breaks unseen.
    void forget(const FakeClient& client) { clients_.erase(client.socket); }
    /// As kill -9: nothing is given back to Redis.
    void die();

    awaitable<std::string> emit(FakeClient& client, std::string event, std::string arguments);
    [[nodiscard]] socket::Platform& platform() { return *platform_; }

    void join(const std::string& socket, const std::string& room) override;
    void leave(const std::string& socket, const std::string& room) override;
    void deliver(const std::string& room, std::string_view event, bool is_ephemeral,
                 std::string_view except) override;
    void send(const std::string& socket, std::string_view event) override;
    void close(const std::string& socket, socket::Ending ending, std::string_view reason) override;

    std::set<std::string> forbidden_rooms;

 private:
    struct Watching;
    struct Members;
    struct Keys;

    void drop(const std::string& socket, bool may_return);

    std::unique_ptr<Watching> observer_;
    std::unique_ptr<Members> members_;
    std::unique_ptr<Keys> keys_;
    redis::Client redis_;
    std::unique_ptr<socket::Platform> platform_;
    TaskGroup tasks_;
    boost::asio::io_context& io_;
    std::map<std::string, FakeClient*> clients_;
    std::map<std::string, std::set<std::string>> rooms_;
    std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

/// A JWT for the user, signed with the secret that FakeGateway knows.
[[nodiscard]] std::string token_for(const std::string& user, int seconds_left = 3600);

}  // namespace chatflow::test
