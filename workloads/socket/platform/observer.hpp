#pragma once

#include "workloads/socket/auth/identity.hpp"
#include "workloads/socket/auth/key_source.hpp"

#include <chrono>
#include <cstddef>
#include <string_view>

namespace chatflow::socket {

/// How a client that asked to go on with its session fared.
enum class RecoveryOutcome {
    Lossless,  // all that it had missed was replayed
    Failure    // it must fetch anew: the session or a log was gone
};

/// Hears what the platform does, for metrics.
class PlatformObserver {
 public:
    virtual ~PlatformObserver() = default;

    virtual void on_refused(Refusal refusal) = 0;
    /// Not admitted for want of something of ours.
    virtual void on_postponed(std::string_view reason) = 0;
    virtual void on_recovery(RecoveryOutcome outcome, std::size_t replayed) = 0;
    virtual void on_published(std::string_view kind, bool succeeded) = 0;
    /// From Redis' clock at the publication until it was handed to the local members.
    virtual void on_delivered(std::chrono::microseconds lag) = 0;
    /// From their server; `keys`: how many are in force.
    virtual void on_keys_read(KeyRead result, std::size_t keys) = 0;
};

}  // namespace chatflow::socket
