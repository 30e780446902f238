/* SPDX-License-Identifier: MIT */
/* Small data sets of features as they are published, made in the temporary folder. */
#ifndef MIEN_TESTS_DATA_FIXTURES_FEATURES_H
#define MIEN_TESTS_DATA_FIXTURES_FEATURES_H

#include "data/fixtures.h"

/* Writes [rows, width] of numbers drawn from seed as the only
 * data set of a file. */
static inline void fixture_h5(
    const char *name, const char *set, int64_t rows, int64_t width, uint64_t seed) {
    static float values[64 * 64];
    mien_stream s;
    mien_stream_init(&s, seed, 1, 2);
    assert_true(rows * width <= 64 * 64);
    for (int64_t i = 0; i < rows * width; i++) {
        values[i] = (float)mien_stream_uniform(&s);
    }
    mien_tensor tensor = {
        .dtype = MIEN_F32, .rank = 2, .shape = {rows, width}, .data = values};
    const mien_tensor *one[] = {&tensor};
    assert_good(mien_hdf5_write(support_temp_path(name), 1, &set, one));
}

/* EmoMV/ with two parts of set A and one of set C, which has an emotion more. Of set C
 * there is no SlowFast. */
static inline const char *fixture_emomv(void) {
    fixture_folder("EmoMV");
    fixture_text("EmoMV/DS1_TRAIN_MATCH_MISMATCH_labels.csv",
        "Dataset1/DS1_TRAIN_MATCH/,exciting_A(1)-1-of-3,1,exciting,exciting,0,0\n"
        "Dataset1/DS1_TRAIN_MATCH/,fear_B(1),1,fear,fear,1,1\n"
        "Dataset1/DS1_TRAIN_MISMATCH/,exciting_A(1)-2-of-3_PAIR_fear_C(2),0,exciting,"
        "fear,0,1\n"
        "Dataset1/DS1_TRAIN_MISMATCH/,fear_C(2)_PAIR_exciting_A(1)-2-of-3,0,fear,"
        "exciting,1,0\n");
    fixture_text("EmoMV/DS1_VAL_MATCH_MISMATCH_labels.csv",
        "Dataset1/DS1_VAL_MATCH/,exciting_D(4)_000030_000060,1,exciting,exciting,0,0\n"
        "Dataset1/DS1_VAL_MATCH/,fear_E(5),1,fear,fear,1,1\n");
    fixture_text("EmoMV/DS3_TEST_MATCH_MISMATCH_labels.csv",
        "Dataset3/DS3_test_match/,X6EJSyv4W6w,1,fear,fear,1,1\r\n"
        "Dataset3/DS3_test_mismatch/"
        ",y5uzNTavaX4_PAIR_pRocSOAAp14,0,calm,exciting,5,0\r\n");
    fixture_h5("EmoMV/VGGish_DS1_TRAIN_MATCH_MISMATCH.h5", "data", 4, 6, 1);
    fixture_h5("EmoMV/VGGish_DS1_VAL_MATCH_MISMATCH.h5", "data", 2, 6, 2);
    fixture_h5("EmoMV/VGGish_DS3_TEST_MATCH_MISMATCH.h5", "data", 2, 6, 3);
    fixture_h5("EmoMV/SlowFast_DS1_TRAIN_MATCH_MISMATCH.h5", "default", 4, 9, 4);
    fixture_h5("EmoMV/SlowFast_DS1_VAL_MATCH_MISMATCH.h5", "default", 2, 9, 5);
    return support_temp_path("EmoMV");
}

/* COGNIMUSE/ with two films of 3 and 2 segments: BMI has its features in one file and
 * ratings every second, LOR a file for each and ratings of segments. */
static inline const char *fixture_cognimuse(void) {
    char text[2000] = "Time_s,Valence,Arousal\n";
    for (int i = 0; i < 15; i++) { /* arousal falls in the last segment */
        snprintf(text + strlen(text), 60, "%d,%g,%s\n", i, i / 16.0,
            i < 10 ? "0.25" : "-0.5");
    }
    fixture_folder("COGNIMUSE/labels");
    fixture_folder("COGNIMUSE/i3d");
    fixture_text("COGNIMUSE/labels/BMI.csv", text);
    fixture_text("COGNIMUSE/labels/LOR.tsv",
        "start_s\tend_s\tvalence\tarousal\n0\t5\t-0.5\t1\n5\t10\t0.5\t-1\n");
    fixture_h5("COGNIMUSE/LOR_vggish.h5", "default", 2, 6, 1);
    fixture_h5("COGNIMUSE/i3d/LOR.h5", "data", 2, 9, 2);
    static float values[3 * 9];
    for (int i = 0; i < 27; i++) {
        values[i] = (float)(i * i % 10) / 8;
    }
    mien_tensor sets[2] = {
        {.dtype = MIEN_F32, .rank = 2, .shape = {3, 6}, .data = values},
        {.dtype = MIEN_F32, .rank = 2, .shape = {3, 9}, .data = values}};
    const mien_tensor *both[] = {&sets[0], &sets[1]};
    static const char *const names[] = {"vggish", "i3d"};
    assert_good(mien_hdf5_write(support_temp_path("COGNIMUSE/BMI.h5"), 2, names, both));
    return support_temp_path("COGNIMUSE");
}

/* FEATURES/ with four rows of labels and two modalities. */
static inline const char *fixture_features(void) {
    fixture_folder("FEATURES");
    fixture_text("FEATURES/labels.csv", "trial,group,split,valence,emotion,file,at\n"
                                        "a,F1,Training,0.5,joy,sound.h5,1\n"
                                        "b,F1,train,-0.25,fear,sound.h5#data,0\n"
                                        "c,F2,dev,,joy,n/a,3\n"
                                        "d,F3,test,1,n/a,picture.h5,2\n");
    fixture_h5("FEATURES/sound.h5", "data", 4, 6, 1);
    fixture_h5("FEATURES/picture.h5", "default", 4, 6, 2);
    return support_temp_path("FEATURES");
}

/* LIRIS/ with four excerpts of three films, and two films rated every second. */
static inline const char *fixture_liris(void) {
    char valence[1000] = "Time\tMean\tStd\n", arousal[1000] = "Time\tMean\tStd\n";
    fixture_folder("LIRIS/annotations");
    fixture_folder("LIRIS/continuous-annotations");
    fixture_folder("LIRIS/features/i3d");
    fixture_text("LIRIS/annotations/ACCEDEranking.txt",
        "id\tname\tvalenceRank\tarousalRank\tvalenceValue\tarousalValue\n"
        "0\tACCEDE00000.mp4\t1\t2\t2.5\t1.25\n"
        "1\tACCEDE00001.mp4\t2\t1\t3.5\t2\n"
        "2\tACCEDE00002.mp4\t3\t3\t1\t5\n"
        "3\tACCEDE00003.mp4\t4\t4\t4\t3\n");
    fixture_text("LIRIS/annotations/ACCEDEsets.txt",
        "id\tname\tset\n0\tACCEDE00000.mp4\t1\n1\tACCEDE00001.mp4\t1\n"
        "2\tACCEDE00002.mp4\t2\n3\tACCEDE00003.mp4\t0\n");
    fixture_text("LIRIS/annotations/ACCEDEdescription.xml",
        "<?xml version=\"1.0\"?><library><media><id>0</id><name>ACCEDE00000.mp4</name>"
        "<movie>After The Rain</movie></media>\n<media><name>ACCEDE00001.mp4</name>"
        "<movie>After The Rain</movie></media><media><name>ACCEDE00002.mp4</name>"
        "</media><media><name>ACCEDE00003.mp4</name><movie>Payload</movie></media>");
    fixture_h5("LIRIS/features/vggish.h5", "default", 4, 6, 1);
    fixture_h5("LIRIS/features/i3d/ACCEDE00001.h5", "default", 1, 9, 2);
    for (int i = 0; i < 10; i++) {
        snprintf(valence + strlen(valence), 40, "%d\t%g\t0.1\n", i, i / 16.0);
        snprintf(arousal + strlen(arousal), 40, "%d\t-0.5\t0.1\n", i);
    }
    fixture_text("LIRIS/continuous-annotations/Payload_Valence.txt", valence);
    fixture_text("LIRIS/continuous-annotations/Payload_Arousal.txt", arousal);
    fixture_h5("LIRIS/features/Payload_vggish.h5", "default", 2, 6, 3);
    return support_temp_path("LIRIS");
}

#endif
