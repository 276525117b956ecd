#pragma once

#include "controller/api/placement.hpp"
#include "controller/api/tables.hpp"

// Of every topology; for codecs and crdgen, like tables.hpp.
namespace chatflow::api::schema {

template <>
const Struct<Toleration>& table<Toleration>();
template <>
const Struct<Placement>& table<Placement>();
template <>
std::span<const Word<Spread>> words();

}  // namespace chatflow::api::schema
