#include "controller/runtime/leader_elector.hpp"

#include "controller/clients/kube/api.hpp"
#include "libs/async/task_group.hpp"
#include "libs/async/with_deadline.hpp"
#include "tests/support/kube_session.hpp"
#include "tests/support/test_control_plane.hpp"

#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <prometheus/registry.h>

namespace chatflow::runtime {
namespace {

using test::KubeSession;
using test::TestControlPlane;
using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

// The proportions of the real times, in a fifth of the time.
constexpr LeaseTimes kTimes{.duration = 3s, .renew_deadline = 2s, .retry_period = 1s};

/// One process that wants to lead.
class Candidate {
 public:
    Candidate(KubeSession& session, const std::string& name_space, const std::string& identity)
        : metrics_(registry_),
          elector_(
              session.client(), session.clock(), Log("test", LogLevel::Error), metrics_,
              {.name = "leader", .name_space = name_space, .identity = identity, .times = kTimes}),
          tasks_(session.io().get_executor(),
                 [this](const std::exception_ptr& error) { note(error); }) {
        tasks_.spawn(lead());
    }

    [[nodiscard]] bool leads() const { return elector_.is_leader(); }
    [[nodiscard]] bool has_lost() const { return has_lost_; }
    [[nodiscard]] LeaderElector& elector() { return elector_; }

    /// As kill -9 does: nothing is said to anyone.
    awaitable<void> vanish() {
        tasks_.cancel();
        co_await tasks_.wait();
    }

 private:
    awaitable<void> lead() {
        co_await elector_.acquire();
        co_await elector_.hold();
    }
    void note(const std::exception_ptr& error) {
        try {
            std::rethrow_exception(error);
        } catch (const LeadershipLost&) {
            has_lost_ = true;
        } catch (const std::exception& failure) {
            ADD_FAILURE() << failure.what();
        }
    }

    prometheus::Registry registry_;
    RuntimeMetrics metrics_;
    LeaderElector elector_;
    TaskGroup tasks_;
    bool has_lost_ = false;
};

class LeaderElection : public testing::Test {
 protected:
    LeaderElection() : watch_(session_.io().get_executor(), [](const std::exception_ptr&) {}) {
        watch_.spawn(look_for_two_leaders());
    }
    ~LeaderElection() override {
        watch_.cancel();
        session_.run(watch_.wait());
        for (auto* one : {&a_, &b_}) {
            if (*one) session_.run((*one)->vanish());
        }
        EXPECT_FALSE(had_two_leaders_);
    }

    std::unique_ptr<Candidate> candidate(const std::string& identity) {
        return std::make_unique<Candidate>(session_, namespace_, identity);
    }

    /// How long it took until `condition` held; fails the test after 20 s.
    SteadyClock::duration time_until(const char* what, const std::function<bool()>& condition) {
        const auto started = SteadyClock::now();
        const auto wait = [&]() -> awaitable<void> {
            while (!condition()) co_await session_.clock().sleep_for(5ms);
        };
        try {
            session_.run(with_deadline(wait(), Deadline::after(20s), what));
        } catch (const DeadlineExceeded& failure) {
            ADD_FAILURE() << failure.what();
        }
        return SteadyClock::now() - started;
    }

    api::LeaseSpec lease() {
        kube::Api<api::Lease> leases(session_.client(), namespace_);
        return session_.run(leases.get("leader", Deadline::after(10s)))->spec;
    }

    awaitable<void> look_for_two_leaders() {
        while (true) {
            had_two_leaders_ = had_two_leaders_ || (a_ && b_ && a_->leads() && b_->leads());
            co_await session_.clock().sleep_for(5ms);
        }
    }

    KubeSession session_{TestControlPlane::shared().access()};
    std::string namespace_ = session_.make_namespace();
    bool had_two_leaders_ = false;
    std::unique_ptr<Candidate> a_;
    std::unique_ptr<Candidate> b_;
    TaskGroup watch_;
};

TEST_F(LeaderElection, TheFirstLeadsAndGoesOnLeading) {
    a_ = candidate("a");
    time_until("a leading", [&] { return a_->leads(); });
    b_ = candidate("b");
    session_.run(session_.clock().sleep_for(kTimes.duration + 1s));
    EXPECT_TRUE(a_->leads());
    EXPECT_FALSE(b_->leads());
    EXPECT_EQ(b_->elector().holder(), "a");
    EXPECT_EQ(lease().holder_identity, "a");
    EXPECT_EQ(lease().lease_transitions, 0);
}

TEST_F(LeaderElection, AReleaseLetsTheOtherTakeOverAtItsNextLook) {
    a_ = candidate("a");
    time_until("a leading", [&] { return a_->leads(); });
    b_ = candidate("b");
    time_until("b seeing a", [&] { return b_->elector().holder() == "a"; });
    session_.run(a_->vanish());
    session_.run(a_->elector().release(Deadline::after(5s)));
    EXPECT_FALSE(a_->leads());
    // Not the lease's 3 s.
    EXPECT_LT(time_until("b leading", [&] { return b_->leads(); }), 2500ms);
    EXPECT_EQ(lease().holder_identity, "b");
    EXPECT_EQ(lease().lease_transitions, 1);
}

TEST_F(LeaderElection, AHolderThatVanishesIsReplacedWhenItsLeaseIsOver) {
    a_ = candidate("a");
    time_until("a leading", [&] { return a_->leads(); });
    b_ = candidate("b");
    time_until("b seeing a", [&] { return b_->elector().holder() == "a"; });
    session_.run(a_->vanish());
    const auto took = time_until("b leading", [&] { return b_->leads(); });
    // a renewed up to a retry period before it vanished; b looks once a retry period.
    EXPECT_GT(took, kTimes.duration - kTimes.retry_period * 1.2);
    EXPECT_LT(took, kTimes.duration + kTimes.retry_period * 2 + 1s);
    EXPECT_FALSE(a_->leads()) << "it must not think so when it comes back from a long pause";
}

TEST_F(LeaderElection, AHolderWithoutAnAnswerGivesUpBeforeItsLeaseIsOver) {
    auto& plane = TestControlPlane::shared();
    if (!plane.is_ours()) GTEST_SKIP() << "the cluster is not ours to stop";
    a_ = candidate("a");
    time_until("a leading", [&] { return a_->leads(); });
    b_ = candidate("b");
    time_until("b seeing a", [&] { return b_->elector().holder() == "a"; });
    plane.pause_api_server();
    const auto took = time_until("a giving up", [&] { return a_->has_lost(); });
    EXPECT_FALSE(a_->leads());
    EXPECT_LT(took, kTimes.duration - 500ms);
    plane.resume_api_server();
    time_until("b leading", [&] { return b_->leads(); });
}

TEST_F(LeaderElection, AHolderThatSeesAnotherStopsAtOnce) {
    a_ = candidate("a");
    time_until("a leading", [&] { return a_->leads(); });
    kube::Api<api::Lease> leases(session_.client(), namespace_);
    for (bool written = false; !written;) {
        auto stolen = session_.run(leases.get("leader", Deadline::after(10s)));
        stolen->spec.holder_identity = "thief";
        try {
            session_.run(leases.update(*stolen, {}, Deadline::after(10s)));
            written = true;
        } catch (const kube::ApiError& refusal) {
            ASSERT_TRUE(refusal.is_conflict());  // a renewed in between
        }
    }
    time_until("a giving up", [&] { return a_->has_lost(); });
    EXPECT_FALSE(a_->leads());
    session_.run(a_->elector().release(Deadline::after(5s)));
    EXPECT_EQ(lease().holder_identity, "thief") << "a lease of another is not released";
}

TEST_F(LeaderElection, ADeletedLeaseIsMadeAnewByItsHolder) {
    a_ = candidate("a");
    time_until("a leading", [&] { return a_->leads(); });
    kube::Api<api::Lease> leases(session_.client(), namespace_);
    session_.run(leases.remove("leader", {}, Deadline::after(10s)));
    session_.run(session_.clock().sleep_for(kTimes.retry_period * 2));
    EXPECT_TRUE(a_->leads());
    EXPECT_EQ(lease().holder_identity, "a");
}

}  // namespace
}  // namespace chatflow::runtime
