#include "controller/runtime/predicates.hpp"

#include "tests/unit/controller/runtime/thing.hpp"

#include <gtest/gtest.h>

namespace chatflow::runtime {
namespace {

using test::a_thing;
using test::kept;
using test::Thing;

/// What a change of `one` to something else is.
template <class Edit>
Change<Thing> changed(Edit edit) {
    Thing after = a_thing("one", "2");
    edit(after);
    return {kept(a_thing("one")), kept(after)};
}

const Change<Thing> created{nullptr, kept(a_thing("one"))};
const Change<Thing> deleted{kept(a_thing("one")), nullptr};
const Change<Thing> same = changed([](Thing&) {});

TEST(GenerationChanged, LetsThroughWhatIsNewGoneOrOfAnotherSpec) {
    EXPECT_TRUE(generation_changed(created));
    EXPECT_TRUE(generation_changed(deleted));
    EXPECT_TRUE(generation_changed(changed([](Thing& t) { t.metadata.generation = 2; })));
    EXPECT_TRUE(generation_changed(changed([](Thing& t) { t.metadata.uid = "made anew"; })));
    EXPECT_TRUE(
        generation_changed(changed([](Thing& t) { t.metadata.deletion_timestamp.emplace(); })));
}

TEST(GenerationChanged, HoldsBackWhatOnlyTheStatusOrLabelsSay) {
    EXPECT_FALSE(generation_changed(same));
    EXPECT_FALSE(generation_changed(changed([](Thing& t) { t.metadata.labels["a"] = "b"; })));
}

TEST(LabelsChanged, LetsThroughOtherLabelsAlone) {
    EXPECT_TRUE(labels_changed(created));
    EXPECT_TRUE(labels_changed(deleted));
    EXPECT_TRUE(labels_changed(changed([](Thing& t) { t.metadata.labels["a"] = "b"; })));
    EXPECT_FALSE(labels_changed(changed([](Thing& t) { t.metadata.generation = 2; })));
}

TEST(AnnotationsChanged, LetsThroughOtherAnnotationsAlone) {
    EXPECT_TRUE(annotations_changed(created));
    EXPECT_TRUE(annotations_changed(deleted));
    EXPECT_TRUE(annotations_changed(changed([](Thing& t) { t.metadata.annotations["a"] = "b"; })));
    EXPECT_FALSE(annotations_changed(changed([](Thing& t) { t.metadata.labels["a"] = "b"; })));
}

TEST(AnyOfAllOf, JoinPredicates) {
    const auto labels = changed([](Thing& t) { t.metadata.labels["a"] = "b"; });
    const Predicate<Thing> by_labels = labels_changed<Thing>;
    const Predicate<Thing> by_generation = generation_changed<Thing>;
    EXPECT_TRUE(any_of(by_labels, by_generation)(labels));
    EXPECT_FALSE(all_of(by_labels, by_generation)(labels));
    EXPECT_TRUE(all_of(by_labels, by_generation)(created));
    EXPECT_FALSE(any_of(by_labels, by_generation)(same));
    EXPECT_TRUE(any_change(same));
}

}  // namespace
}  // namespace chatflow::runtime
