#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/task_group.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/log.hpp"
#include "workloads/socket/hub/application.hpp"
#include "workloads/socket/platform/platform.hpp"

#include <cstddef>
#include <string>
#include <unordered_map>

namespace chatflow::socket {

/// The chat platform as the gateway's application: admits clients of the main namespace, carries
/// out their events and answers them. One executor, the gateway's.
class PlatformApplication final : public Application {
 public:
    /// `calls_max`: admissions and events under way; more are refused at once.
    PlatformApplication(asio::any_io_executor executor, Platform& platform, Clients& clients,
                        Log log, std::size_t calls_max = 20'000);

    void on_connect(const std::string& socket, const Arrival& arrival) override;
    void on_event(const std::string& socket, const ClientEvent& event) override;
    void on_close(const std::string& socket, CloseReason reason) override;

    /// Ends what is under way; then nothing of it runs any more.
    [[nodiscard]] awaitable<void> stop();

 private:
    awaitable<void> admit(Applicant applicant);
    awaitable<void> carry_out(std::string socket, std::string event, std::string arguments,
                              std::optional<std::uint64_t> ack_id);

    Platform& platform_;
    Clients& clients_;
    Log log_;
    std::size_t calls_max_;
    std::unordered_map<std::string, bool> arriving_;  // whether it has left meanwhile
    TaskGroup calls_;
};

/// The "token" of what a client sent along with its connect packet; "" when there is none.
[[nodiscard]] std::string token_in(std::string_view auth);

}  // namespace chatflow::socket
