#include "controller/runtime/finalizer.hpp"

#include "controller/api/core/lease.hpp"
#include "tests/support/kube_session.hpp"
#include "tests/support/test_control_plane.hpp"

#include <gtest/gtest.h>

namespace chatflow::runtime {
namespace {

using test::KubeSession;
using test::TestControlPlane;
using namespace std::chrono_literals;

class Finalizing : public testing::Test {
 protected:
    Deadline soon() const { return Deadline::after(20s); }

    api::Lease create() {
        api::Lease lease;
        lease.metadata.name = "one";
        lease.metadata.name_space = namespace_;
        return session_.run(leases_.create(lease, {}, soon()));
    }
    std::optional<api::Lease> find() { return session_.run(leases_.get("one", soon())); }

    KubeSession session_{TestControlPlane::shared().access()};
    std::string namespace_ = session_.make_namespace();
    kube::Api<api::Lease> leases_{session_.client(), namespace_};
    Finalizer<api::Lease> finalizer_{session_.client(), "chatflow.dev/leases", "tests"};
};

TEST_F(Finalizing, ADeletedObjectStaysUntilItsFinalizerIsRemoved) {
    session_.run(finalizer_.add(create(), soon()));
    session_.run(leases_.remove("one", {}, soon()));
    const auto deleted = find();
    ASSERT_TRUE(deleted);
    EXPECT_TRUE(deleted->metadata.deletion_timestamp);
    session_.run(finalizer_.remove(*deleted, soon()));
    EXPECT_FALSE(find());
    session_.run(finalizer_.remove(*deleted, soon()));  // gone already
}

TEST_F(Finalizing, AddingTwiceIsFree) {
    const auto added = session_.run(finalizer_.add(create(), soon()));
    const auto again = session_.run(finalizer_.add(added, soon()));
    EXPECT_EQ(again.metadata.resource_version, added.metadata.resource_version);
}

TEST_F(Finalizing, AnOldVersionOfTheObjectIsAConflict) {
    const api::Lease old = create();
    Finalizer<api::Lease> other(session_.client(), "other.org/leases", "others");
    session_.run(other.add(old, soon()));
    try {
        session_.run(finalizer_.add(old, soon()));
        FAIL() << "the finalizer of another was taken away";
    } catch (const kube::ApiError& refusal) {
        EXPECT_TRUE(refusal.is_conflict());
    }
    EXPECT_EQ(find()->metadata.finalizers.size(), 1U);
}

}  // namespace
}  // namespace chatflow::runtime
