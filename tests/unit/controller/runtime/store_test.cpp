#include "controller/runtime/store_writer.hpp"
#include "tests/unit/controller/runtime/thing.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chatflow::runtime {
namespace {

using test::a_list;
using test::a_thing;
using test::Thing;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const api::ObjectKey one{"chat", "one"};

class StoreTest : public testing::Test {
 protected:
    StoreTest() {
        store_.on_change([this](const Change<Thing>& change) {
            const char* what = !change.before ? "+" : !change.after ? "-" : "~";
            heard_.push_back(what + change.key().name);
        });
    }

    std::vector<std::string> heard() { return std::exchange(heard_, {}); }

    static std::vector<std::string> names(const std::vector<Store<Thing>::Ptr>& things) {
        std::vector<std::string> all;
        for (const auto& thing : things) all.push_back(thing->metadata.name);
        return all;
    }

    Store<Thing> store_;
    StoreWriter<Thing> writer_{store_};
    std::vector<std::string> heard_;
};

TEST_F(StoreTest, HasNotSyncedBeforeTheFirstList) {
    EXPECT_FALSE(store_.has_synced());
    writer_.replace({});
    EXPECT_TRUE(store_.has_synced());
}

TEST_F(StoreTest, HasSyncedOnlyWhenEveryNamespaceWasListed) {
    Store<Thing> store;
    StoreWriter<Thing> writer(store, {"chat", "data"});
    writer.replace(a_list({a_thing("one")}), "chat");
    EXPECT_FALSE(store.has_synced());
    writer.replace({}, "data");
    EXPECT_TRUE(store.has_synced());
    EXPECT_EQ(store.size(), 1U);  // the list of one namespace says nothing about another
}

TEST_F(StoreTest, TellsTheDifferencesOfAListAndNothingElse) {
    writer_.replace(a_list({a_thing("one"), a_thing("two"), a_thing("three")}));
    EXPECT_THAT(heard(), UnorderedElementsAre("+one", "+two", "+three"));
    writer_.replace(a_list({a_thing("one"), a_thing("two", "2"), a_thing("four")}));
    EXPECT_THAT(heard(), UnorderedElementsAre("~two", "+four", "-three"));
    writer_.replace(a_list({a_thing("one"), a_thing("two", "2"), a_thing("four")}));
    EXPECT_THAT(heard(), IsEmpty());
}

TEST_F(StoreTest, AListedObjectIsKeptWhereItIs) {
    const auto listed = a_list({a_thing("one")});
    writer_.replace(listed);
    EXPECT_EQ(store_.find(one), listed.front());
}

TEST_F(StoreTest, WhoHearsOfAListFindsAllOfIt) {
    std::size_t seen = 0;
    store_.on_change([&](const Change<Thing>&) { seen = std::max(seen, store_.size()); });
    std::size_t least = 10;
    store_.on_change([&](const Change<Thing>&) { least = std::min(least, store_.size()); });
    writer_.replace(a_list({a_thing("one"), a_thing("two")}));
    EXPECT_EQ(seen, 2U);
    EXPECT_EQ(least, 2U);
}

TEST_F(StoreTest, AnObjectThatComesAgainUnchangedIsNotTold) {
    writer_.upsert(a_thing("one"));
    writer_.upsert(a_thing("one"));
    EXPECT_THAT(heard(), ElementsAre("+one"));
    writer_.upsert(a_thing("one", "2"));
    EXPECT_THAT(heard(), ElementsAre("~one"));
}

TEST_F(StoreTest, RemovingWhatIsNotThereIsNotTold) {
    writer_.remove(one);
    EXPECT_THAT(heard(), IsEmpty());
}

TEST_F(StoreTest, WhatWasHandedOutStaysAsItWas) {
    writer_.upsert(a_thing("one"));
    const auto before = store_.find(one);
    writer_.upsert(a_thing("one", "2"));
    writer_.remove(one);
    EXPECT_EQ(before->metadata.resource_version, "1");
    EXPECT_EQ(store_.find(one), nullptr);
}

TEST_F(StoreTest, FindsByOwner) {
    Thing owned = a_thing("one");
    owned.metadata.owner_references = {
        {.kind = "ReplicaSet", .name = "rs", .uid = "not-the-controller"},
        {.kind = "ReplicaSet", .name = "rs", .uid = "owner", .controller = true}};
    writer_.replace(a_list({owned, a_thing("two")}));
    EXPECT_THAT(names(store_.owned_by("owner")), ElementsAre("one"));
    EXPECT_THAT(names(store_.owned_by("not-the-controller")), IsEmpty());
    owned.metadata.owner_references.clear();
    owned.metadata.resource_version = "2";
    writer_.upsert(owned);
    EXPECT_THAT(names(store_.owned_by("owner")), IsEmpty());
}

TEST_F(StoreTest, FindsByLabels) {
    Thing web = a_thing("one");
    web.metadata.labels = {{"app", "web"}};
    writer_.replace(a_list({web, a_thing("two")}));
    const auto selector = api::parse_label_selector("app=web");
    EXPECT_THAT(names(store_.select("chat", *selector)), ElementsAre("one"));
    EXPECT_THAT(names(store_.in_namespace("chat")), UnorderedElementsAre("one", "two"));
    EXPECT_THAT(names(store_.in_namespace("other")), IsEmpty());
    writer_.remove(one);
    EXPECT_THAT(names(store_.select("chat", *selector)), IsEmpty());
}

TEST_F(StoreTest, FindsByAnIndexOfItsOwn) {
    store_.add_index("colour", [](const Thing& thing) {
        return thing.colour.empty() ? std::vector<std::string>{} : std::vector{thing.colour};
    });
    Thing red = a_thing("one");
    red.colour = "red";
    writer_.replace(a_list({red, a_thing("two")}));
    EXPECT_THAT(names(store_.by_index("colour", "red")), ElementsAre("one"));
    red.colour = "blue";
    red.metadata.resource_version = "2";
    writer_.upsert(red);
    EXPECT_THAT(names(store_.by_index("colour", "red")), IsEmpty());
    EXPECT_THAT(names(store_.by_index("colour", "blue")), ElementsAre("one"));
}

TEST_F(StoreTest, AnIndexThatComesTooLateIsAnError) {
    writer_.upsert(a_thing("one"));
    EXPECT_THROW(store_.add_index("late", [](const Thing&) { return std::vector<std::string>{}; }),
                 std::logic_error);
}

}  // namespace
}  // namespace chatflow::runtime
