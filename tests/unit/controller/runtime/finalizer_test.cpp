#include "controller/runtime/finalizer.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::runtime {
namespace {

using nlohmann::json;

const std::string ours = "chatflow.dev/things";

api::ObjectMeta with(std::vector<std::string> finalizers) {
    return {
        .name = "one", .uid = "uid", .resource_version = "7", .finalizers = std::move(finalizers)};
}

TEST(PatchToAddFinalizer, KeepsThoseOfOthersAndHoldsForThisVersionOnly) {
    const json expected = {
        {"metadata",
         {{"uid", "uid"}, {"resourceVersion", "7"}, {"finalizers", {"other.org/x", ours}}}}};
    EXPECT_EQ(patch_to_add_finalizer(with({"other.org/x"}), ours), expected);
}

TEST(PatchToAddFinalizer, IsNothingWhenItIsThereOrTheObjectIsBeingDeleted) {
    EXPECT_FALSE(patch_to_add_finalizer(with({ours}), ours));
    auto deleted = with({"other.org/x"});
    deleted.deletion_timestamp.emplace();
    EXPECT_FALSE(patch_to_add_finalizer(deleted, ours));
}

TEST(PatchToRemoveFinalizer, LeavesThoseOfOthers) {
    const auto patch = patch_to_remove_finalizer(with({ours, "other.org/x"}), ours);
    ASSERT_TRUE(patch);
    EXPECT_EQ((*patch)["metadata"]["finalizers"], json({"other.org/x"}));
    EXPECT_EQ((*patch_to_remove_finalizer(with({ours}), ours))["metadata"]["finalizers"],
              json::array());
    EXPECT_FALSE(patch_to_remove_finalizer(with({"other.org/x"}), ours));
}

}  // namespace
}  // namespace chatflow::runtime
