"""What is shown of phone numbers and names."""

import pytest

from shuzhi.access import masks


@pytest.mark.parametrize(
    ("whole", "shown"),
    [
        ("13812341234", "138****1234"),
        ("+86 138-1234-1234", "138****1234"),
        ("１３８１２３４１２３４", "138****1234"),
        ("028-86123456", "028****3456"),
        ("12345", "****"),
        ("", ""),
        (None, None),
    ],
)
def test_of_a_phone_number_the_middle_is_hidden(whole, shown):
    assert masks.phone(whole) == shown


@pytest.mark.parametrize(
    ("whole", "shown"),
    [("李娜", "李*"), ("欧阳娜", "欧阳*"), ("欧阳", "欧*"), ("Li Na", "L*"), (" 王五 ", "王*"), (None, None)],
)
def test_of_a_name_the_surname_stays(whole, shown):
    assert masks.person(whole) == shown


@pytest.mark.parametrize(
    ("whole", "shown"),
    [
        ("李建设", "李*"),
        ("陈城", "陈*"),
        ("诸葛建设", "诸葛*"),
        ("买买提·阿不都", "买*"),
        ("张三（个人）", "张*"),
        ("个体户 张三", "张*"),
        ("张三 13812341234", "张*"),
        ("John Smith", "J*"),
        ("王庄水泥厂", "王庄水泥厂"),
        ("中铁八局", "中铁八局"),
        ("成都天府建筑有限公司", "成都天府建筑有限公司"),
        ("天府重工 13812341234", "天府重工 138****1234"),
        ("桂溪第3机械租赁队", "桂溪第3机械租赁队"),
        (None, None),
    ],
)
def test_an_owner_is_masked_where_it_is_a_person(whole, shown):
    assert masks.owner(whole) == shown
    assert masks.owner(shown) == shown
