#include "controller/domain/tls/rotation.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace chatflow::tls {
namespace {

class Decider {
 public:
    Decider(const Stored& stored, const std::vector<std::string>& names, const Policy& policy,
            TimePoint now)
        : stored_(stored), names_(names), policy_(policy), now_(now) {}

    Decision decide() {
        look_at_authority();
        look_at_server();
        plan_next_look();
        return decision_;
    }

 private:
    void look_at_authority() {
        if (!stored_.authority) {
            decision_.make_authority = true;
            return tell("there is no certificate authority yet");
        }
        if (now_ < stored_.authority->not_after - policy_.authority_renewed_before) return;
        decision_.make_authority = true;
        tell(fmt::format("the certificate authority ends on {}",
                         format_rfc3339(stored_.authority->not_after)));
    }

    void look_at_server() {
        if (!stored_.server) return issue("there is no server certificate yet");
        const TimePoint end = stored_.server->validity.not_after;
        // Nothing works with these, so nothing is gained by waiting.
        if (now_ >= end) return issue("the server certificate has ended");
        if (!stored_.is_trusted) return issue("nobody trusts who signed the server certificate");
        if (now_ >= end - policy_.server_renewed_before) {
            return issue_when_trusted(
                fmt::format("the server certificate ends on {}", format_rfc3339(end)));
        }
        if (!stored_.is_signed_by_authority && !decision_.make_authority) {
            return issue_when_trusted("there is a new certificate authority");
        }
        const auto& good_for = stored_.server->names;
        const auto missing = std::ranges::find_if_not(
            names_, [&](const std::string& name) { return std::ranges::contains(good_for, name); });
        if (missing == names_.end()) return;
        if (!may_sign()) return wait();
        decision_.issue = true;
        tell(fmt::format("the server certificate is not good for {}", *missing));
    }

    [[nodiscard]] TimePoint signs_from() const {
        return stored_.authority->not_before + policy_.trust_spreads_within;
    }

    /// A peer that does not trust the new authority yet would refuse what it signs.
    [[nodiscard]] bool may_sign() const {
        if (decision_.make_authority) return false;
        return !stored_.has_predecessor || now_ >= signs_from();
    }

    void issue(std::string reason) {
        decision_.issue = true;
        decision_.is_renewal = true;
        tell(std::move(reason));
    }

    void issue_when_trusted(std::string reason) {
        if (!may_sign()) return wait();
        issue(std::move(reason));
    }

    void wait() { decision_.waits_for = "the new certificate authority is not known to all yet"; }

    void tell(std::string reason) {
        if (!decision_.reason.empty()) decision_.reason += "; ";
        decision_.reason += reason;
    }

    void plan_next_look() {
        const bool waits = !decision_.waits_for.empty();
        if (decision_.make_authority || decision_.issue) {
            decision_.look_again_at = now_;
        } else if (waits) {
            decision_.look_again_at = signs_from();
        } else {
            decision_.look_again_at =
                std::min(stored_.authority->not_after - policy_.authority_renewed_before,
                         stored_.server->validity.not_after - policy_.server_renewed_before);
        }
    }

    const Stored& stored_;
    const std::vector<std::string>& names_;
    const Policy& policy_;
    TimePoint now_;
    Decision decision_;
};

}  // namespace

Decision decide(const Stored& stored, const std::vector<std::string>& names, const Policy& policy,
                TimePoint now) {
    return Decider(stored, names, policy, now).decide();
}

std::string bundle_of(const std::string& current, const std::string& earlier, TimePoint now) {
    std::string bundle = current;
    for (const std::string& old : certificates::split(earlier)) {
        const auto facts = certificates::facts_of(old);
        if (facts && facts->validity.not_after > now && !bundle.contains(old)) bundle += old;
    }
    return bundle;
}

}  // namespace chatflow::tls
