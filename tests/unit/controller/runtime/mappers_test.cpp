#include "controller/runtime/mappers.hpp"

#include "controller/runtime/store_writer.hpp"
#include "tests/unit/controller/runtime/thing.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::runtime {
namespace {

using api::ObjectKey;
using test::a_thing;
using test::kept;
using test::Thing;
using testing::ElementsAre;
using testing::IsEmpty;

Thing owned_by(const std::string& kind, const std::string& name,
               const std::string& api_version = "example.org/v1") {
    Thing thing = a_thing("child");
    thing.metadata.owner_references = {{.api_version = api_version,
                                        .kind = kind,
                                        .name = name,
                                        .uid = "uid-of-" + name,
                                        .controller = true}};
    return thing;
}

TEST(ToItself, NamesTheObjectAlsoWhenItIsGone) {
    EXPECT_THAT(to_itself(Change<Thing>{nullptr, kept(a_thing("one"))}),
                ElementsAre(ObjectKey{"chat", "one"}));
    EXPECT_THAT(to_itself(Change<Thing>{kept(a_thing("one")), nullptr}),
                ElementsAre(ObjectKey{"chat", "one"}));
}

TEST(ToOwner, NamesTheControllingOwner) {
    const Change<Thing> change{nullptr, kept(owned_by("Thing", "parent"))};
    EXPECT_THAT(to_owner<Thing>(change), ElementsAre(ObjectKey{"chat", "parent"}));
}

TEST(ToOwner, NamesBothWhenTheObjectChangesHands) {
    const Change<Thing> change{kept(owned_by("Thing", "a")), kept(owned_by("Thing", "b"))};
    EXPECT_THAT(to_owner<Thing>(change),
                ElementsAre(ObjectKey{"chat", "a"}, ObjectKey{"chat", "b"}));
}

TEST(ToOwner, NamesAnUnchangedOwnerOnce) {
    const Change<Thing> change{kept(owned_by("Thing", "a")), kept(owned_by("Thing", "a"))};
    EXPECT_THAT(to_owner<Thing>(change), ElementsAre(ObjectKey{"chat", "a"}));
}

TEST(ToOwner, AnotherVersionOfTheKindIsTheSameKind) {
    const Change<Thing> change{nullptr, kept(owned_by("Thing", "a", "example.org/v2"))};
    EXPECT_THAT(to_owner<Thing>(change), ElementsAre(ObjectKey{"chat", "a"}));
}

TEST(ToOwner, NamesNoOwnerOfAnotherKindOrGroup) {
    for (const Thing& thing : {owned_by("Other", "a"), owned_by("Thing", "a", "other.org/v1"),
                               owned_by("Thing", "a", "v1"), a_thing("alone")}) {
        EXPECT_THAT(to_owner<Thing>(Change<Thing>{nullptr, kept(thing)}), IsEmpty());
    }
    Thing not_controlled = owned_by("Thing", "a");
    not_controlled.metadata.owner_references.front().controller = false;
    EXPECT_THAT(to_owner<Thing>(Change<Thing>{nullptr, kept(not_controlled)}), IsEmpty());
}

TEST(ToReferrers, NamesThoseThatReferToTheObject) {
    Store<Thing> referrers;
    referrers.add_index("target", [](const Thing& thing) { return std::vector{thing.colour}; });
    StoreWriter<Thing> writer(referrers);
    Thing refers = a_thing("policy");
    refers.colour = "chat/web";
    writer.replace(test::a_list({refers, a_thing("unrelated")}));
    const Mapper<Thing> map = to_referrers<Thing>(referrers, "target");
    EXPECT_THAT(map({nullptr, kept(a_thing("web"))}), ElementsAre(ObjectKey{"chat", "policy"}));
    EXPECT_THAT(map({nullptr, kept(a_thing("other"))}), IsEmpty());
}

}  // namespace
}  // namespace chatflow::runtime
