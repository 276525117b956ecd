#pragma once

#include "workloads/socket/platform/observer.hpp"
#include "workloads/socket/transport/engine_options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace prometheus {
class Registry;
}

namespace chatflow::socket {

/// What the gateway counts; the names are in docs/socket.md. One thread.
class Metrics final : public PlatformObserver {
 public:
    Metrics();
    ~Metrics() override;
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    [[nodiscard]] const prometheus::Registry& registry() const;

    /// Takes over what was counted elsewhere, before each scrape.
    struct State {
        const EngineFigures& engine;
        std::size_t sessions = 0;
        std::size_t sockets = 0;
        std::size_t rooms = 0;
        std::uint64_t delivered = 0;
        bool is_draining = false;
    };
    void take(const State& state);

    void on_refused(Refusal refusal) override;
    void on_postponed(std::string_view reason) override;
    void on_recovery(RecoveryOutcome outcome, std::size_t replayed) override;
    void on_published(std::string_view kind, bool succeeded) override;
    void on_delivered(std::chrono::microseconds lag) override;
    void on_keys_read(KeyRead result, std::size_t keys) override;

 private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace chatflow::socket
